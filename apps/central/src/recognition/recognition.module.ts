import { Module } from '@nestjs/common';
import { Uploads } from '../http/uploads.ts';
import { FaceAnalysisModule } from './face-analysis.module.ts';
import { RecognitionController } from './recognition.controller.ts';
import { RecognitionRepository } from './recognition.repository.ts';
import { RecognitionService } from './recognition.service.ts';

/** Who is in a picture. */
@Module({
  imports: [FaceAnalysisModule, Uploads],
  controllers: [RecognitionController],
  providers: [RecognitionService, RecognitionRepository],
})
export class RecognitionModule {}
